// The subcommands of surged_bench. Each prints its tables and puts its numbers into the report.
#pragma once

#include <string>
#include <vector>

#include "report.hpp"

namespace surged::bench {

struct Options {
    bool quick = false;    ///< the smoke test: everything tiny, no claim about the figures
    int repetitions = 5;   ///< turns of every variant
    double seconds = 1.0;  ///< length of one turn
    int iterations = 400;  ///< pages of each kind
    int peer_iterations = 12;
    double churn_s = 20;
    double gigabytes = 1;  ///< of the queue_log that `feed` reads, and of the store that `stall` fills
    double keepalive_s = 5;  ///< `idle`: after which the server closes what is idle
    double idle_s = 0;       ///< `idle`: before the first page; 0 = 1.6 times keepalive_s
    std::string row{};     ///< `stall`, `burst`: only rows whose key begins so; empty = all
    std::string folder{};  ///< stores and configurations of the run; on the disk that is to be measured
    std::string json{};
    std::string note{};  ///< into the JSON: what a reader of the file must know
};

void run_ingest(const Options& options, Report& report);
void run_memory(const Options& options, Report& report);
void run_page(const Options& options, Report& report);
void run_storm(const Options& options, Report& report);
void run_scrape(const Options& options, Report& report);
void run_peers(const Options& options, Report& report);
void run_cost(const Options& options, Report& report);
void run_feed(const Options& options, Report& report);
void run_history(const Options& options, Report& report);
void run_period(const Options& options, Report& report);
void run_console(const Options& options, Report& report);
void run_stall(const Options& options, Report& report);
void run_idle(const Options& options, Report& report);
void run_burst(const Options& options, Report& report);

// ---- helper processes: the program starts itself under these names
// ----------------------------------------------------------------------
int run_profile(const std::vector<std::string>& words);
int run_memory_child(const std::vector<std::string>& words);
int run_page_floor(const std::vector<std::string>& words);
int run_burst_floor(const std::vector<std::string>& words);

/// `surged_bench compare A B`.
int run_compare(const std::vector<std::string>& words);

/// `surged_bench outcome`: no helper, but with options of its own.
int run_outcome(const std::vector<std::string>& words);

}  // namespace surged::bench
