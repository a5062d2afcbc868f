"""HTTP in and out: routes, the page, OpenAI's routes, access, problems as answers."""
