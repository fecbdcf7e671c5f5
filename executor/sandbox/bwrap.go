package sandbox

import (
	"os"
	"path/filepath"
	"strconv"
)

// Ids of the user inside: nobody special, never root, whoever runs the server.
const (
	uid = 1000
	gid = 1000
)

// File descriptors that bubblewrap inherits.
const (
	statusFD = 3
	blockFD  = 4
)

// system is what programs see of the host's system directories. What
// is missing on a host is left out; /etc/ssl is not bound as a whole because
// of its private keys.
var system = []string{
	"/etc/alternatives", "/etc/ca-certificates", "/etc/ca-certificates.conf", "/etc/debian_version", "/etc/fonts",
	"/etc/gai.conf", "/etc/host.conf", "/etc/hosts", "/etc/java-17-openjdk", "/etc/ld.so.cache", "/etc/ld.so.conf",
	"/etc/ld.so.conf.d", "/etc/localtime", "/etc/magic", "/etc/mime.types", "/etc/nsswitch.conf", "/etc/os-release",
	"/etc/perl", "/etc/pki/tls/certs", "/etc/pki/ca-trust", "/etc/protocols", "/etc/resolv.conf", "/etc/services",
	"/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/timezone", "/sys/devices/system/cpu",
}

// merged are the directories that are links into /usr on most systems.
var merged = []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}

// arguments returns bubblewrap's command line for s.
func (c Config) arguments(s Spec) []string {
	a := []string{
		"--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup",
		"--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "gozer",
		"--uid", strconv.Itoa(uid), "--gid", strconv.Itoa(gid),
		"--json-status-fd", strconv.Itoa(statusFD), "--block-fd", strconv.Itoa(blockFD),
		"--ro-bind", "/usr", "/usr",
	}
	if !c.AllowNested {
		a = append(a, "--disable-userns")
	}
	for _, dir := range merged {
		a = append(a, mergedDir(dir)...)
	}
	for _, p := range system {
		a = append(a, "--ro-bind-try", p, p)
	}
	a = append(a, "--proc", "/proc")
	if c.AllowNested {
		// A server run by root owns the files of /proc inside as well.
		a = append(a, "--ro-bind", "/proc/sys", "/proc/sys", "--ro-bind-try", "/proc/sysrq-trigger", "/proc/sysrq-trigger")
	} else {
		a = append(a, "--remount-ro", "/proc")
	}
	a = append(a, "--dev", "/dev", "--size", "67108864", "--tmpfs", "/dev/shm", "--remount-ro", "/dev",
		"--dir", "/run", "--symlink", "../tmp", "/var/tmp")
	for _, b := range s.Binds {
		kind := "--ro-bind"
		if b.Writable {
			kind = "--bind"
		}
		a = append(a, kind, b.Source, b.Target)
	}
	for _, p := range c.ReadOnlyPaths {
		a = append(a, "--ro-bind-try", p, p)
	}
	a = append(a, "--remount-ro", "/", "--chdir", s.Cwd, "--")
	return append(a, s.Argv...)
}

// mergedDir shows a top directory as it is on the host: as a link or as a
// directory.
func mergedDir(dir string) []string {
	info, err := os.Lstat(dir)
	if err != nil {
		return nil
	}
	if info.Mode()&os.ModeSymlink == 0 {
		return []string{"--ro-bind", dir, dir}
	}
	target, err := os.Readlink(dir)
	if err != nil {
		return nil
	}
	if !filepath.IsAbs(target) {
		target = "/" + target
	}
	return []string{"--symlink", target, dir}
}
