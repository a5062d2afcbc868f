"""The application's `args` and `user_config`, typed."""
