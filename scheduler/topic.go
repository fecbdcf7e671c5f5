package scheduler

// topicKey names a topic: each source has its own.
type topicKey struct {
	connection ConnectionName
	topic      string
}

func (c *Change) topicKey() topicKey { return topicKey{c.Connection, c.Topic} }

// topicNeeds lists the other changes of a change's topic as it would need them
// in a queue with dependencies by topic (Zuul documentation, "Queue:
// dependencies-by-topic").
func (s *State) topicNeeds(c *Change) []Need {
	if c.Topic == "" {
		return nil
	}
	var out []Need
	for _, k := range s.topics[c.topicKey()] {
		if k != c.Key() {
			out = append(out, Need{Change: k})
		}
	}
	return out
}

func (s *State) joinTopic(c *Change) {
	if c.Topic != "" {
		s.topics[c.topicKey()] = insertKey(s.topics[c.topicKey()], c.Key())
		s.topicChanged(c.topicKey())
	}
}

func (s *State) leaveTopic(c *Change) {
	k := c.topicKey()
	if c.Topic == "" {
		return
	}
	if s.topics[k] = without(s.topics[k], c.Key()); len(s.topics[k]) == 0 {
		delete(s.topics, k)
	}
	s.topicChanged(k)
}

// topicChanged marks the items whose changes need each other by topic.
func (s *State) topicChanged(k topicKey) {
	for _, c := range s.topics[k] {
		for _, it := range s.holding[c] {
			s.indexNeeds(it)
			s.mark(it)
		}
	}
}
