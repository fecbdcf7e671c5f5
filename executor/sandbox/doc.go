// Package sandbox runs one program so that it can't touch the machine beyond
// the directories it is given, and so that nothing of it survives.
//
// The sandbox is bubblewrap: every namespace is new except the network; the
// root is a read-only tmpfs with the system's directories; there are no
// capabilities, no user namespaces inside, no session keyring, and where the
// kernel has Landlock with scopes (ABI 6) no abstract unix sockets of the host.
// When Run returns, no process of the program is left.
package sandbox
