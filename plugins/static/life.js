// Saves the picture of a pair's life as PNG. This browser draws it; nothing is sent.
(() => {
  "use strict";
  const picture = document.querySelector("img.life"), button = document.querySelector("button.png");
  if (!picture || !button) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * picture.naturalWidth;
    canvas.height = 2 * picture.naturalHeight;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((png) => {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(png), download: button.value });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    });
  });
})();
