# LINE...: what fish completes the last word of each line to, and a line of dashes after each.
docker completion fish | source
for line in $argv
    complete -C $line
    echo ---
end
