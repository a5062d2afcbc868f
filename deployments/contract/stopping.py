"""How a running service is told to stop: by files in a folder that its HTTP proxy looks into.

Whoever stops it first makes the file `ASKED`, waits until the proxy says in the header `UNDER_WAY` that no
request is left, or long enough, makes the file `CUT`, and ends the processes then.
"""

FOLDER_VARIABLE = "SONGDALLE_STOP_FOLDER"
"""The proxy's environment variable that names the folder."""
ASKED = "stop.asked"
"""New requests are refused; those under way go on."""
CUT = "stop.cut"
"""Those under way are told that they are ended."""
UNDER_WAY = "X-Requests-Under-Way"
"""In each refusal: how many there are."""
