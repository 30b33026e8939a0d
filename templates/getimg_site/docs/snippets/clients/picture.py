from getimg import Client

with Client("{{ api_key }}", base_url="{{ api_url }}") as client:
    diffusion = client.diffusions.create(prompt="a red fox in the snow", num_images=2).wait()
    for output in diffusion.outputs:
        print(output.seed, output.url)
