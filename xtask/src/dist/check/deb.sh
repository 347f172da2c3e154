# Installs the package $1 into a copy of this system that is gone afterwards, runs the command of its
# unit in one network namespace, and finds it from another. $2 is an empty directory. It runs in a
# mount namespace of its own.
set -eu
package=$1 scratch=$2

mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/system"
mount -t overlay overlay -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/system"
system=$scratch/system
mount -t proc proc "$system/proc"
mount --bind /dev "$system/dev"
cp "$package" "$system/tmp/cooee.deb"
inside() { chroot "$system" env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

inside dpkg --install /tmp/cooee.deb
unit=$system/usr/lib/systemd/system/cooee.service
test -f "$unit" || unit=$system/lib/systemd/system/cooee.service
command=$(sed -n 's/^ExecStart=//p' "$unit")
echo "the unit starts: $command"
inside cooee --version
test -f "$system/etc/default/cooee"
test -f "$system/usr/share/man/man1/cooee-serve.1.gz"
test ! -e "$system/etc/systemd/system/multi-user.target.wants/cooee.service"

# Namespaces under this mount end with it.
mkdir -p /run/netns
mount -t tmpfs tmpfs /run/netns
ip netns add server
ip netns add client
ip -n server link add eth0 type veth peer name eth0 netns client
number=1
for host in server client; do
    ip -n $host link set lo up
    ip -n $host address add 10.99.0.$number/24 dev eth0
    ip -n $host link set eth0 up
    number=$((number + 1))
done

echo COOEE_SERVICE_PORT=8000 >"$system/etc/default/cooee"
. "$system/etc/default/cooee"
# The unit's command is words with no quotes.
COOEE_SERVICE_PORT=$COOEE_SERVICE_PORT ip netns exec server chroot "$system" $command &
server=$!
trap 'kill $server' EXIT
found=
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    if found=$(ip netns exec client chroot "$system" cooee find --one --format url --no-memory); then
        break
    fi
done
echo "found: $found"
test "$found" = http://10.99.0.1:8000/
kill $server
wait $server || true
trap - EXIT

inside dpkg --purge cooee
test ! -e "$system/usr/bin/cooee"
test ! -e "$system/etc/default/cooee"
