// Package web is the page: its source in src, and the bundle that go generate makes of it after npm ci.
package web

import (
	"embed"
	"io/fs"
)

//go:generate go tool esbuild app=src/app.js worker=node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs style=src/style.css index=src/index.html --bundle --minify --format=esm --target=es2022 --outdir=dist --asset-names=[name]-[hash] --loader:.html=copy --loader:.json=file --loader:.woff2=file --legal-comments=eof --log-level=warning

// The folder holds one committed file, so that a fresh clone compiles before the bundle is made.
//
//go:embed all:dist
var dist embed.FS

// Files gives the bundle: index.html, app.js, worker.js, style.css and the base map. Before go generate it is empty.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // a constant and valid path
	}
	return files
}
