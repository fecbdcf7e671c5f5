package tenants

import (
	"slices"
	"strconv"
)

// maxSuggestLength bounds the words that are compared, in bytes; longer ones
// are no typing mistakes.
const maxSuggestLength = 64

// maxCandidates bounds how many words are compared; hints are not worth more.
const maxCandidates = 5000

// didYouMean returns a hint naming the candidate nearest to word, or an empty
// string when none is near.
func didYouMean(word string, candidates []string) string {
	best, at := "", len(word)/3+1
	if len(word) > maxSuggestLength || len(candidates) > maxCandidates {
		return ""
	}
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if c == word || len(c) > maxSuggestLength || len(c) >= len(word)+at || len(word) >= len(c)+at {
			continue
		}
		if n := editDistance(word, c); n < at {
			best, at = c, n
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + strconv.Quote(best) + "?"
}

// editDistance is the number of letters to insert, delete, replace or swap
// with their neighbour to get from a to b.
func editDistance(a, b string) int {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
