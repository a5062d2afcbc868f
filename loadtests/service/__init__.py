"""The service under load: how it is asked, started, and watched from outside."""
