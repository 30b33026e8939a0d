"""What people call the tasks: one name each, the same on every page."""

VIDEO_TASK = "image-to-video"
TASK_NAMES = {
    "text-to-image": "Text to image",
    "image-to-image": "Image to image",
    "variations": "Variations",
    "inpaint": "Inpaint",
    "outpaint": "Outpaint",
    "blend": "Blend",
    "remove-background": "Remove background",
    "replace-background": "Replace background",
    "upscale": "Upscale",
    "instruct": "Edit by instruction",
    "controlnet": "Guided by a picture",
    VIDEO_TASK: "Image to video",
}
