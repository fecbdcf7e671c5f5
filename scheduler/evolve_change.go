package scheduler

import "slices"

func (s *State) changeUpdated(c Change) {
	k := c.Key()
	if old := s.Changes[k]; old != nil {
		for _, n := range old.Needs {
			s.dependents[n.Change] = without(s.dependents[n.Change], k)
		}
		s.leaveTopic(old)
	}
	s.facts++
	s.Changes[k] = &c
	s.joinTopic(&c)
	for _, n := range c.Needs {
		s.dependents[n.Change] = insertKey(s.dependents[n.Change], k)
	}
	for _, it := range s.holding[k] {
		s.indexNeeds(it)
		s.mark(it)
	}
	for _, it := range s.needing[k] {
		s.mark(it)
	}
	s.markDependents(k)
}

func (s *State) changeForgotten(k ChangeKey) {
	c := s.Changes[k]
	if c == nil {
		return
	}
	for _, n := range c.Needs {
		s.dependents[n.Change] = without(s.dependents[n.Change], k)
		if len(s.dependents[n.Change]) == 0 {
			delete(s.dependents, n.Change)
		}
	}
	s.facts++
	delete(s.Changes, k)
	s.leaveTopic(c)
}

func compareKeys(a, b ChangeKey) int {
	if a.Number != b.Number {
		return a.Number - b.Number
	}
	switch {
	case a.Project < b.Project:
		return -1
	case a.Project > b.Project:
		return 1
	}
	return 0
}

func insertKey(list []ChangeKey, k ChangeKey) []ChangeKey {
	i, found := slices.BinarySearchFunc(list, k, compareKeys)
	if found {
		return list
	}
	return slices.Insert(list, i, k)
}

// indexNeeds lists the item under the changes that its own ones need.
func (s *State) indexNeeds(it *Item) {
	for _, k := range it.needs {
		s.needing[k] = without(s.needing[k], it)
		if len(s.needing[k]) == 0 {
			delete(s.needing, k)
		}
	}
	it.needs = it.needs[:0]
	for _, r := range it.Refs {
		c := s.Changes[r.Key()]
		if !r.IsChange() || c == nil {
			continue
		}
		for _, n := range append(s.topicNeeds(c), c.Needs...) {
			if !slices.Contains(it.needs, n.Change) {
				it.needs = append(it.needs, n.Change)
				s.needing[n.Change] = append(s.needing[n.Change], it)
			}
		}
	}
}
