package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/internal/tenantfile"
	"github.com/gozer-ci/gozer/tenants"
)

// Free space below which the server is in danger or stops soon.
const (
	spaceWarning = 5 << 30
	spaceFailure = 500 << 20
)

func dataDir(_ context.Context, cfg config.Config) Finding {
	const name = "data"
	dir := existing(cfg.Data)
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return failure(name, fmt.Sprintf("%s cannot be written: %v", dir, err), fmt.Sprintf("chown -R %d %s", os.Getuid(), dir))
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Remove(f.Name())); err != nil {
		return failure(name, fmt.Sprintf("%s does not keep files: %v", dir, err), "put data on a local disk")
	}
	if dir != filepath.Clean(cfg.Data) {
		return ok(name, cfg.Data+" will be made by the first start")
	}
	return ok(name, cfg.Data+" can be written")
}

// existing is the directory, or the nearest above it that exists.
func existing(dir string) string {
	dir, err := filepath.Abs(dir)
	for err == nil && dir != "/" {
		if info, statErr := os.Stat(dir); statErr == nil && info.IsDir() {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return "/"
}

func space(_ context.Context, cfg config.Config) Finding {
	const name = "disk space"
	dir := existing(cfg.Data)
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return warning(name, fmt.Sprintf("cannot be found out for %s: %v", dir, err), "df -h "+dir)
	}
	free := int64(s.Bavail) * s.Bsize
	text := fmt.Sprintf("%.1f GiB are free on the disk of %s", float64(free)/(1<<30), dir)
	if s.Files > 0 && s.Ffree*20 < s.Files {
		return warning(name, text+", but few inodes", "df -i "+dir)
	}
	switch {
	case free < spaceFailure:
		return failure(name, text, "df -h "+dir+"; make room or move data")
	case free < spaceWarning:
		return warning(name, text, "df -h "+dir+"; make room or move data")
	}
	return ok(name, text)
}

func secrets(_ context.Context, cfg config.Config) Finding {
	const name = "secrets"
	files := []string{}
	err := filepath.WalkDir(cfg.SecretsDir(), func(path string, _ fs.DirEntry, err error) error {
		files = append(files, path)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		files, err = nil, nil
	}
	if err != nil {
		return failure(name, err.Error(), "run the doctor as the server's user")
	}
	for _, a := range cfg.Auth.Authenticators {
		if a.SecretFile != "" {
			files = append(files, a.SecretFile)
		}
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return failure(name, err.Error(), "make it with: openssl rand -hex 32 > "+file)
		}
		if info.Mode().Perm()&0o077 != 0 {
			return warning(name, file+" can be read by other users", "chmod go= "+file)
		}
	}
	if _, err := os.Stat(cfg.SecretsDir()); err != nil {
		return ok(name, "will be made by the first start")
	}
	return ok(name, "nobody else can read "+cfg.SecretsDir())
}

func tenantFile(ctx context.Context, cfg config.Config) Finding {
	const name = "tenants"
	data, err := tenantfile.Read(ctx, cfg.Tenants)
	if errors.Is(err, fs.ErrNotExist) {
		return warning(name, "there is no tenant file "+cfg.Tenants+", so nothing will be tested", "write one; see gozer tenant check --help")
	}
	if err != nil {
		return failure(name, err.Error(), "chmod a+r "+cfg.Tenants)
	}
	connections := tenants.Connections{}
	for _, c := range cfg.Connections {
		connections[connectionName(c)] = tenants.Connection{Driver: c.Driver, CanonicalHost: c.CanonicalHostname}
	}
	list, problems := tenants.ParseTenants(cfg.Tenants, data, connections)
	if problems.HasErrors() {
		return failure(name, problems.Errors()[0].Short(), "gozer tenant check "+cfg.Tenants)
	}
	return ok(name, fmt.Sprintf("%d tenants are in %s", len(list), cfg.Tenants))
}
