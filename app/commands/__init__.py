"""The bodies of the `flask` commands, one module per noun. `app.cli` registers them."""
