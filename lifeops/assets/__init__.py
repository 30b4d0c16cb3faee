"""Front-end assets and fonts: npm packages by lock file, copied to `var/vendor` as the pages name them."""
