"""Paths that nobody asks for but a scanner: this application has no PHP, no backup, no .env."""

import re

PROBE = re.compile(
    r"""
    (^|/)\.(?!well-known/)                    # .env, .git/config, .aws/credentials
    | \.\./ | %2e%2e | \\                     # climbing out of the site
    | \.(php\d?|phtml|aspx?|jspx?|cgi|cfm|do|action|sh|bat|exe|dll|ini|conf|cfg|ya?ml|toml
        |bak|old|swp|sql|sqlite3?|dump|log|pem|key|zip|rar|7z|t?gz|tar|war|jar)(/|$)
    | (^|/)(wp-|wordpress|xmlrpc|phpmyadmin|pma|adminer|cgi-bin|actuator|solr|jenkins|manager/html
        |server-status|boaform|vendor/phpunit|etc/passwd|autodiscover|owa|_ignition|telescope)
    | union\s+select | <script
    """,
    re.IGNORECASE | re.VERBOSE,
)
LOOKED_AT = 500  # characters of the path


def is_probe(path: str) -> bool:
    """Whether a path that does not exist here is one that scanners try."""
    return PROBE.search(path[:LOOKED_AT]) is not None
