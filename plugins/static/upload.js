// Shows how much of a file is sent, and offers the time zone of this browser, with what is written then.
(() => {
  "use strict";
  function watch(form) {
    const bar = form.querySelector("progress"), button = form.querySelector("button");
    for (const kind of ["dragover", "dragleave", "drop"])
      form.addEventListener(kind, () => form.classList.toggle("over", kind === "dragover"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const request = new XMLHttpRequest();
      const failed = () => {
        bar.hidden = true;
        button.disabled = false;
        button.textContent = "Send it again: the connection was lost";
      };
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        bar.max = total;
        bar.value = loaded;
      });
      request.addEventListener("load", () => {
        if (request.responseURL !== form.action) location.href = request.responseURL;
        else { // what is wrong with it, or what it holds
          const page = new DOMParser().parseFromString(request.responseText, "text/html");
          document.querySelector("main").replaceWith(page.querySelector("main") || page.body);
          document.querySelectorAll("form.drop").forEach(watch);
          dispatchEvent(new Event("sent"));
          scrollTo(0, 0);
        }
      });
      request.addEventListener("error", failed);
      request.addEventListener("abort", failed);
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "text/html");
      bar.hidden = false;
      button.disabled = true;
      request.send(new FormData(form));
    });
  }
  document.querySelectorAll("form.drop").forEach(watch);
  const zone = document.querySelector("[data-zone]");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && own) location.replace(`?zone=${encodeURIComponent(own)}`);
})();
