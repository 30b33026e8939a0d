// In a row of links that is wider than the window, brings the one to the current page into view.
for (const link of document.querySelectorAll('nav [aria-current="page"]')) {
  const row = link.closest("nav");
  const [outer, inner] = [row.getBoundingClientRect(), link.getBoundingClientRect()];
  if (row.scrollWidth > row.clientWidth) row.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
}
