package config

// nearest returns the word that text was probably meant to be.
func nearest(text string, words []string) (string, bool) {
	best, distance := "", len(text)/2+1
	for _, w := range words {
		if d := editDistance(text, w); d < distance {
			best, distance = w, d
		}
	}
	return best, best != ""
}

// editDistance counts insertions, deletions and replacements of bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
