//! A breadth-first search through every state that can be reached, so that the first broken property has the shortest
//! story.

use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Debug;
use std::hash::{Hash, Hasher};

/// One step out of a state.
pub struct Step<S, W> {
    pub what: W,
    pub state: S,
    /// The properties that the step breaks.
    pub broken: Vec<&'static str>,
}

pub trait Model {
    type State: Copy + Hash + Debug;
    type What: Debug;
    fn start(&self) -> Self::State;
    /// Every step out of a state, or, as an error, the property that the state itself breaks.
    fn steps(
        &mut self,
        state: &Self::State,
        steps: &mut Vec<Step<Self::State, Self::What>>,
    ) -> Result<(), &'static str>;
}

pub struct Explored {
    pub states: usize,
    /// The properties that break, each with its shortest story. States after a broken step are not explored.
    pub broken: BTreeMap<&'static str, Vec<String>>,
}

/// The hash by which states are compared. It has 64 bits: among some millions of states, the chance that two have the
/// same hash is about one in a million.
fn mark<S: Hash>(state: &S) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

pub fn explore<M: Model>(model: &mut M) -> Explored {
    let start = model.start();
    let mut parents: HashMap<u64, u64> = HashMap::from([(mark(&start), mark(&start))]);
    let mut queue = VecDeque::from([(mark(&start), start)]);
    let mut ends = BTreeMap::new();
    let mut steps = Vec::new();
    while let Some((here, state)) = queue.pop_front() {
        if let Err(broken) = model.steps(&state, &mut steps) {
            ends.entry(broken).or_insert((here, format!("{state:?}")));
        }
        for step in steps.drain(..) {
            for broken in &step.broken {
                ends.entry(*broken).or_insert_with(|| (here, format!("{:?}: {:?}", step.what, step.state)));
            }
            if !step.broken.is_empty() {
                continue;
            }
            let there = mark(&step.state);
            if let Entry::Vacant(new) = parents.entry(there) {
                new.insert(here);
                queue.push_back((there, step.state));
            }
        }
    }
    let tell = |(broken, (end, last)): (_, (u64, String))| {
        let mut story = story(model, &parents, end);
        story.push(last);
        (broken, story)
    };
    Explored { states: parents.len(), broken: ends.into_iter().map(tell).collect() }
}

/// Repeats the steps that lead to a state, and writes down their story.
fn story<M: Model>(model: &mut M, parents: &HashMap<u64, u64>, end: u64) -> Vec<String> {
    let mut way = vec![end];
    while let Some(parent) = way.last().and_then(|mark| parents.get(mark)).copied() {
        if way.last() == Some(&parent) {
            break;
        }
        way.push(parent);
    }
    let (mut state, mut story) = (model.start(), Vec::new());
    for next in way.iter().rev().skip(1) {
        let mut steps = Vec::new();
        let _ = model.steps(&state, &mut steps);
        let step = steps.into_iter().find(|step| mark(&step.state) == *next).unwrap();
        story.push(format!("{:?}", step.what));
        state = step.state;
    }
    story
}
