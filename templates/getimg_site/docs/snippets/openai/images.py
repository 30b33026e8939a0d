from openai import OpenAI

client = OpenAI(api_key="{{ api_key }}", base_url="{{ api_url }}/v1")
answer = client.images.generate(prompt="a red fox in the snow", n=1)
print(answer.data[0].url)
