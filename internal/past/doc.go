// Package past reads the log of record for questions about earlier times: which
// commit was the newest then, what the state was after it, and the commits of
// a stretch. It holds up nobody who decides or follows: it reads the log in
// pages of its own, and folds states of its own.
package past
