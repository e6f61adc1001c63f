// What the engine tells of its learned profiles; seen by its own files only.
#pragma once

#include <vector>

#include "core/engine/engine.hpp"
#include "core/rule/detector.hpp"

namespace surged {

/// Counts into RuleHealth::learning, by rule index.
void count_learning(const Detector& detector, std::vector<RuleHealth>& out);

}  // namespace surged
