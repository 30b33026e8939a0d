cd /work/wt/starter2
exec .venv/bin/python -m generation.starter.train --init generation/starter/weights --stages unet --nouns 300 --minutes 50 --threads 1 --pairs 0.75 --seed 11 --pool 12000
