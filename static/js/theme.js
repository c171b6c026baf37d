// Shows a chosen theme at once; the profile form stores it.
document.addEventListener("change", (event) => {
  if (event.target.matches("[name=theme]")) {
    document.documentElement.dataset.theme = event.target.value;
  }
});
