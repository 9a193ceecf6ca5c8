# Fits a table (columns y, group, and fixed effects) by glmmTMB and prints the processor seconds of each fit.
# Arguments: file, family, number of fits.
arguments <- commandArgs(trailingOnly = TRUE)
if (!suppressWarnings(suppressMessages(require(glmmTMB, quietly = TRUE)))) quit(status = 3)
table <- read.csv(arguments[1])
table$group <- factor(table$group)
effects <- setdiff(names(table), c("y", "group"))
formula <- as.formula(paste("y ~", paste(c("1", effects, "(1 | group)"), collapse = " + ")))
for (fit in seq_len(as.integer(arguments[3]))) {
    start <- proc.time()
    glmmTMB(formula, data = table, family = arguments[2])
    spent <- proc.time() - start
    cat(spent[["user.self"]] + spent[["sys.self"]], "\n")
}
