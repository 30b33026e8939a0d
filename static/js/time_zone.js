// Offers the browser's time zone: sign-up notes it, the profile proposes it where another one is set.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const hidden of document.querySelectorAll("input[type=hidden][name=time_zone]")) hidden.value ||= zone ?? "";

const offer = document.getElementById("time-zone-offer");
const select = document.querySelector("select[name=time_zone]");
if (offer && select && zone && select.value !== zone && select.querySelector(`option[value="${CSS.escape(zone)}"]`)) {
  offer.hidden = false;
  offer.querySelector("[data-zone]").textContent = zone.replaceAll("_", " ");
  offer.querySelector("button").addEventListener("click", () => {
    select.value = zone;
    offer.hidden = true;
    select.focus();
  });
}
