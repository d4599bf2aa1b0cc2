/**
 * A user profile for R. It puts a finalizer on the global environment that runs when the session ends (quit() and an
 * error in a script included), then hands over to the profile that R would have read without it: that of
 * R_PROFILE_USER, else `.Rprofile` here, else the one at home.
 * @param folder where each R process writes `<pid>.R`: one line each, a tag and a value
 * @param own the run's own R_PROFILE_USER
 */
export function rHook(folder: string, own: string | undefined): string {
  return String.raw`
invisible(local({
  file <- file.path(${literal(folder)}, paste0(Sys.getpid(), "-", format(as.numeric(Sys.time()) * 1e6, digits = 20), ".R"))
  version <- paste0("V", R.version$major, ".", R.version$minor)
  words <- commandArgs()
  script <- sub("^--file=", "", grep("^--file=", words, value = TRUE))
  script <- if (length(script)) paste0("F", normalizePath(script, mustWork = FALSE)) else character()
  try(writeLines(c(version, paste0("A", paste(words, collapse = " "))), file), silent = TRUE)
  tell <- function(environment) try({
    names <- setdiff(loadedNamespaces(), c("base", "compiler", "datasets", "graphics", "grDevices", "grid", "methods",
      "parallel", "splines", "stats", "stats4", "tcltk", "tools", "utils"))
    versions <- vapply(names, function(name) as.character(getNamespaceInfo(name, "spec")[["version"]]), "")
    maps <- tryCatch(readLines("/proc/self/maps"), error = function(e) character(), warning = function(e) character())
    maps <- unique(sub("^[^/]*", "", grep("[.]so([.0-9]*)$", maps, value = TRUE)))
    lines <- c(version, script, if (length(names)) paste0("N", names, "\t", versions), if (length(maps)) paste0("X", maps), "E")
    writeLines(enc2utf8(lines), file, useBytes = TRUE)
  }, silent = TRUE)
  reg.finalizer(globalenv(), tell, onexit = TRUE)
}))
invisible(local({
  own <- ${own === undefined ? 'NULL' : literal(own)}
  profiles <- if (is.null(own)) c(".Rprofile", path.expand("~/.Rprofile")) else path.expand(own)
  profiles <- profiles[file.exists(profiles)]
  if (length(profiles)) source(profiles[[1]], local = globalenv(), print.eval = TRUE, keep.source = FALSE)
}))
`.trimStart();
}

/** A string as R's parser reads it. */
function literal(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
