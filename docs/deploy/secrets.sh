#!/bin/sh
# Draw the secrets of docker-compose.yml once, into var/secrets (or the folder given). Existing files stay as they are.
# The folder is closed to others; the files inside are readable, because each container reads them under its own number.
set -eu
dir=${1:-var/secrets}
mkdir -p "$dir"
chmod 700 "$dir"
draw() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
put() { [ -e "$dir/$1" ] || { cat > "$dir/$1"; chmod 644 "$dir/$1"; echo "· $dir/$1"; }; }
draw 40 | put secret_key
head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' | put field_keys
draw 32 | put blind_index_key
draw 24 | put postgres_password
draw 24 | put redis_password
printf 'postgres://lifeops:%s@postgres:5432/lifeops' "$(cat "$dir/postgres_password")" | put database_url
printf 'redis://:%s@redis:6379/0' "$(cat "$dir/redis_password")" | put redis_url
printf 'requirepass %s\n' "$(cat "$dir/redis_password")" | put redis_auth.conf
echo "field_keys 与 blind_index_key 丢失后，已加密的证件号、账号无法恢复：请离线另存一份。"
