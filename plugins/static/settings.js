// Offers the time zone of this browser.
(() => {
  "use strict";
  const field = document.getElementById("timezone"), own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!field || !own || field.value === own) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: `Use ${own}` });
  button.addEventListener("click", () => {
    field.value = own;
    button.remove();
    field.focus();
  });
  field.after(button);
})();
