// How often the right service is named, on public recordings with labelled causes: Nezha's
// injections and PetShop's incidents.
#pragma once

#include <string>

#include "base/report.h"
#include "base/result.h"
#include "cause/cause_table.h"

namespace okiagari::bench {

struct CulpritScore {
  std::size_t cases = 0;
  std::size_t first = 0;
  std::size_t among_3 = 0;
  std::size_t among_5 = 0;
  std::size_t right_type = 0;  // of those named first
  std::string misses;          // one line each, for people
};

// `folder` has fault_list.json and metric.tar.xz, and may have log.tar.xz, trace.tar.xz and
// faultfree*.tar.xz.
base::Result<CulpritScore> score_nezha(const std::string& folder, const cause::CauseTable& table);

// `archive` is PetShop's train_and_noissue.tar.xz, or a folder with the same in it.
base::Result<CulpritScore> score_petshop(const std::string& archive,
                                         const cause::CauseTable& table);

void add_to_report(const CulpritScore& score, const std::string& name, bool has_types,
                   base::Report& report);

}  // namespace okiagari::bench
