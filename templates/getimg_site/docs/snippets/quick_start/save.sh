curl -o picture.png '{{ image_url }}'
