// Opens as a modal what opens as a popover without script: <button data-modal popovertarget="id">.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-modal]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.getAttribute("popovertarget")).showModal();
  }
  const closer = event.target.closest("[data-close]");
  const dialog = closer?.closest("dialog:modal");
  if (dialog) {
    event.preventDefault();
    dialog.close();
  }
});
