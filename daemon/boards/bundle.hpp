// Everything that Grafana and Prometheus are given, for one prefix, data source and job: boards, rules with their tests,
// provisioning.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "boards/render.hpp"

namespace surged {

struct EmbeddedText {
    std::string_view name;  ///< below dashboards/
    std::string_view text;
};
/// The files of dashboards/ that are written by hand, as they were when this was built.
std::span<const EmbeddedText> embedded_texts();

struct BundleFile {
    std::string name;  ///< below the folder it goes to; with "/" where it lies in a folder of its own
    std::string text;
};

struct BundleOptions {
    BoardOptions board;
    std::string folder;  ///< where the boards lie for Grafana's provisioning; empty = where the package has them
};

/// With a data source of the caller's own no data source is provisioned.
std::vector<BundleFile> make_bundle(const BundleOptions& options);

/// What is wrong with an option, for people; empty = nothing.
std::string bundle_problem(const BoardOptions& options);

}  // namespace surged
