curl -L -o picture.png '{{ image_url }}'
