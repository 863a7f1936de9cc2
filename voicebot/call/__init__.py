"""One call: turn-taking, barge-in, playout, transcript, recording, the Call itself. No I/O."""
