// Package archive keeps the files of finished builds in a local directory and
// opens them for reading.
//
// Files come from jobs, so nothing about them is trusted: only regular files
// and directories get in, symbolic links are neither stored nor followed, and
// no content type makes a browser run what a job wrote. A build is stored
// whole or not at all. Files are not synced to the disk one by one: a power
// failure may take the logs of the last seconds, never the results.
package archive
