#include "core/engine/next_plan.hpp"

#include "core/rule/same_detection.hpp"

namespace surged {

void NextPlan::prepare() {
    if (same_ || take_over_ != nullptr) {
        return;
    }
    same_ = same_detection(*before_, *plan_);
    if (!same_) {
        made_ = std::make_shared<Detector>(*plan_);
        take_over_ = std::make_unique<TakeOver>(*made_, *old_);
    }
}

void NextPlan::build() {
    if (!same_ && !built_) {
        take_over_->build();
        built_ = true;
    }
}

}  // namespace surged
