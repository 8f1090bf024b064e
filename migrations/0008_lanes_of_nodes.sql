-- In which lanes a node works, so that operators see for which lane there is nobody.
ALTER TABLE orchestrator.node ADD lanes text[] NOT NULL DEFAULT '{}';
