// The one button of the ribbon opens the task pane; no function is bound to a button.
