// Django's boxes to choose from say what their search is for by the label of a span, which counts on what has a role.

addEventListener("load", () => {
  for (const icon of document.querySelectorAll(".search-label-icon[aria-label]")) icon.setAttribute("role", "img");
});
