cd /work/wt/starter2
while kill -0 $(cat var/train.pid) 2>/dev/null; do sleep 3; done
date
.venv/bin/python -m generation.starter.distillation --nouns 300 --drawings 800 --teacher-steps 12 --minutes 3.5 --threads 1 --rank 3
date
.venv/bin/python -m generation.starter.evaluate --model var/starter/model --nouns 300 --out var/eval --threads 1
date
.venv/bin/python -m generation.starter.evaluate --model var/starter/model --nouns 300 --out var/eval-fast --fast --threads 1
date
