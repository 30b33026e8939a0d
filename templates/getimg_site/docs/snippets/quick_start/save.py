from pathlib import Path

import requests

picture = requests.get("{{ image_url }}", timeout=30)
Path("picture.png").write_bytes(picture.content)
