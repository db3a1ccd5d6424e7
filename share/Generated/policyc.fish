function __policyc_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __policyc_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __policyc_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __policyc_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __policyc_parse_tokens -S
    set -l unparsed_tokens (__policyc_tokens -pc)
    switch $unparsed_tokens[1]
    case 'policyc'
        __policyc_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'check'
            __policyc_parse_subcommand -r 1 's/schema=' 'no-schema' 'permissive' 'level=' 'deny-warnings' 'allow-warnings' 'notes' 'format=' 'version' 'h/help'
        case 'fmt'
            __policyc_parse_subcommand -r 1 'c/check' 'l/line-width=' 'i/indent-width=' 'version' 'h/help'
        case 'compile'
            __policyc_parse_subcommand -r 1 'o/output=' 'ids=' 'explain' 'version' 'h/help'
        case 'dump'
            __policyc_parse_subcommand -r 1 'version' 'h/help'
        case 'route'
            __policyc_parse_subcommand 1 'config=' 'p/policies=+' 'user=' 'team=' 'budget=' 'budget-used=' 'latency=' 'input-tokens=' 'output-tokens=' 'use-case=' 'stream' 'tools' 'images' 'json' 'version' 'h/help'
        case 'test'
            __policyc_parse_subcommand -r 1 'config=' 'format=' 'coverage' 'lcov=' 'minimum-coverage=' 'version' 'h/help'
        case 'translate'
            __policyc_parse_subcommand -r 1 'to=' 'policy-format=' 's/schema=' 'o/output=' 'version' 'h/help'
        case 'diff'
            __policyc_parse_subcommand 2 'requests=' 'entities=' 'generate=' 'seed=' 's/schema=' 'schema-format=' 'reasons' 'limit=' 'format=' 'version' 'h/help'
        case 'bench'
            __policyc_parse_subcommand 0 'p/policies=+' 'policy-format=' 'k/template-linked=' 'entities=' 's/schema=' 'schema-format=' 'ids=' 'requests=' 'rounds=' 'format=' 'version' 'h/help'
        case 'lsp'
            __policyc_parse_subcommand 0 'stdio' 'version' 'h/help'
        case 'authorize'
            __policyc_parse_subcommand 0 'p/policies=+' 'policy-format=' 'k/template-linked=' 'entities=' 's/schema=' 'schema-format=' 'ids=' 'request-json=' 'l/principal=' 'a/action=' 'r/resource=' 'c/context=' 'requests=' 'request-validation=' 'format=' 'v/verbose' 't/timing' 'version' 'h/help'
        case 'evaluate'
            __policyc_parse_subcommand 1 'request-json=' 'l/principal=' 'a/action=' 'r/resource=' 'c/context=' 's/schema=' 'schema-format=' 'entities=' 'version' 'h/help'
        case 'validate'
            __policyc_parse_subcommand 0 'p/policies=+' 'policy-format=' 'k/template-linked=' 's/schema=' 'schema-format=' 'deny-warnings' 'validation-mode=' 'level=' 'f/error-format=' 'version' 'h/help'
        case 'check-parse'
            __policyc_parse_subcommand 0 'p/policies=+' 'policy-format=' 'k/template-linked=' 'expression=' 's/schema=' 'schema-format=' 'entities=' 'f/error-format=' 'version' 'h/help'
        case 'format'
            __policyc_parse_subcommand 0 'p/policies=' 'l/line-width=' 'i/indent-width=' 'w/write' 'c/check' 'version' 'h/help'
        case 'link'
            __policyc_parse_subcommand 0 'p/policies=+' 'policy-format=' 'k/template-linked=' 'template-id=' 'n/new-id=' 'a/arguments=' 'version' 'h/help'
        case 'translate-policy'
            __policyc_parse_subcommand 0 'direction=' 'p/policies=' 'version' 'h/help'
        case 'translate-schema'
            __policyc_parse_subcommand 0 'direction=' 's/schema=' 'version' 'h/help'
        case 'run-tests'
            __policyc_parse_subcommand 0 'p/policies=+' 'policy-format=' 'k/template-linked=' 's/schema=' 'schema-format=' 'tests=' 'version' 'h/help'
        case 'visualize'
            __policyc_parse_subcommand 0 'entities=' 's/schema=' 'schema-format=' 'format=' 'o/output=' 'version' 'h/help'
        case 'help'
            __policyc_parse_subcommand -r 1 'version'
        end
    end
end

function __policyc_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __policyc_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __policyc_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __policyc_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__policyc_tokens -p)
    if test -z "$(__policyc_tokens -t)"
        set -l index (count (__policyc_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'policyc' -f
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'check' -d 'Parses, compiles, validates and lints policies, and reports every finding.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'fmt' -d 'Lays policies out; comments are kept.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'compile' -d 'Writes the compiled image of policies.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'dump' -d 'Prints a compiled image, or what policies compile to.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'route' -d 'Shows where a request would go, offline, with the whole ranking explained.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'test' -d 'Runs the policy tests beside policies (`*.test.yaml`).'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'translate' -d 'Translates between the dialect, standard Cedar and JSON; schemas as well.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'diff' -d 'Shows what changed between two policy sets, and for which requests.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'bench' -d 'Measures nanoseconds per decision on given requests.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'lsp' -d 'A language server for policies and schemas, on standard input and output.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'authorize' -d 'Decides requests: one, or a file of them with one per line.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'evaluate' -d 'Evaluates an expression and prints its value.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'validate' -d 'Validates policies against a schema.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'check-parse' -d 'Parses policies, an expression, a schema or entities.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'format' -d 'Lays out one policy file on standard output; `fmt` does whole folders.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'link' -d 'Links a template: fills its slots in.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'translate-policy' -d 'Translates policies between Cedar and the JSON policy format.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'translate-schema' -d 'Translates a schema between Cedar schema syntax and JSON.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'run-tests' -d 'Runs authorization tests in the reference\'s JSON form.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'visualize' -d 'Draws the hierarchy of entities, in Graphviz\'s language or as SVG.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc check" -ge 1' -F
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" s schema' -s 's' -l 'schema' -d 'The schema, in place of the one beside.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" no-schema' -l 'no-schema' -d 'Check against no schema.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" permissive' -l 'permissive' -d 'Let through types that cannot go wrong at run time, as permissive validation does.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" level' -l 'level' -d 'Most entities that a condition may look up one behind the other (RFC 76).' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" deny-warnings' -l 'deny-warnings' -d 'Warnings make the exit code 1, as errors do.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" allow-warnings' -l 'allow-warnings' -d 'Warnings leave the exit code 0.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" notes' -l 'notes' -d 'Show notes, such as policies without @id.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" format' -l 'format' -d 'text, json, sarif or github.' -rfka 'text json sarif github'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc fmt" -ge 1' -F
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc fmt" c check' -s 'c' -l 'check' -d 'Only say what would change.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc fmt" l line-width' -s 'l' -l 'line-width' -d 'Columns a line may have.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc fmt" i indent-width' -s 'i' -l 'indent-width' -d 'Columns of one level of indentation.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc fmt" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc fmt" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc compile" -ge 1' -F
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc compile" o output' -s 'o' -l 'output' -d 'The image to write; `policies.cedarc` unless given.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc compile" ids' -l 'ids' -d 'Name policies by `position` (policy0, policy1 …) or by `annotation` (@id).' -rfka 'position annotation'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc compile" explain' -l 'explain' -d 'Print which policies cannot be indexed, and why.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc compile" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc compile" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc dump" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc dump" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" config' -l 'config' -d 'The gateway\'s configuration.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route"' -s 'p' -l 'policies' -d 'Policy files or folders.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" user' -l 'user' -d 'The user who asks.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" team' -l 'team' -d 'The user\'s team.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" budget' -l 'budget' -d 'USD left of the budget, such as 9.99.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" budget-used' -l 'budget-used' -d 'Used part of the budget, 0.0 to 1.0.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" latency' -l 'latency' -d 'Milliseconds that the first byte may take.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" input-tokens' -l 'input-tokens' -d 'Tokens of the prompt.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" output-tokens' -l 'output-tokens' -d 'Tokens of the answer at most.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" use-case' -l 'use-case' -d 'The declared use, such as `batch`.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" stream' -l 'stream' -d 'The answer is streamed.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" tools' -l 'tools' -d 'The request has tools.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" images' -l 'images' -d 'The request has images.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" json' -l 'json' -d 'Print JSON.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc route" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc test" -ge 1' -F
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc test" config' -l 'config' -d 'The gateway\'s configuration, for its catalogue.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc test" format' -l 'format' -d 'text, json, junit, or lcov for the coverage alone.' -rfka 'text json junit lcov'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc test" coverage' -l 'coverage' -d 'Report coverage as well.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc test" lcov' -l 'lcov' -d 'Also write the coverage as an lcov tracefile.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc test" minimum-coverage' -l 'minimum-coverage' -d 'Least coverage in percent; less makes the exit code 1.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc test" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc test" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc translate" -ge 1' -F
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate" to' -l 'to' -d 'cedar, json or dialect.' -rfka 'cedar json dialect'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate" policy-format' -l 'policy-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate" s schema' -s 's' -l 'schema' -d 'Schema that tells longs from decimals.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate" o output' -s 'o' -l 'output' -d 'The file to write, in place of standard output.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc diff" -eq 1' -F
complete -c 'policyc' -n '__policyc_should_offer_completions_for_positional "policyc diff" -eq 2' -F
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" requests' -l 'requests' -d 'A file with one request per line; `-` for standard input.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" entities' -l 'entities' -d 'Entities in their JSON form.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" generate' -l 'generate' -d 'How many requests to draw; needs --schema.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" seed' -l 'seed' -d 'Draws other requests.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" s schema' -s 's' -l 'schema' -d 'Schema; lets data leave out type escapes and declares actions.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" schema-format' -l 'schema-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" reasons' -l 'reasons' -d 'Show requests with the same decision but other reasons or errors as well.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" limit' -l 'limit' -d 'Most requests to show.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" format' -l 'format' -d 'text or json.' -rfka 'text json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc diff" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench"' -s 'p' -l 'policies' -d 'Policy files, folders or an image (.cedarc); may be given several times. Standard input unless given.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" policy-format' -l 'policy-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" k template-linked' -s 'k' -l 'template-linked' -d 'Template links in JSON.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" entities' -l 'entities' -d 'Entities in their JSON form.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" s schema' -s 's' -l 'schema' -d 'Schema; lets data leave out type escapes and declares actions.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" schema-format' -l 'schema-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" ids' -l 'ids' -d 'Name policies by `position` (policy0, policy1 …) or by `annotation` (@id).' -rfka 'position annotation'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" requests' -l 'requests' -d 'A file with one request per line.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" rounds' -l 'rounds' -d 'Rounds per request.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" format' -l 'format' -d '`text` or `json`.' -rfka 'text json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc bench" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc lsp" stdio' -l 'stdio' -d 'Standard input and output, the only way; editors pass it.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc lsp" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc lsp" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize"' -s 'p' -l 'policies' -d 'Policy files, folders or an image (.cedarc); may be given several times. Standard input unless given.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" policy-format' -l 'policy-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" k template-linked' -s 'k' -l 'template-linked' -d 'Template links in JSON.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" entities' -l 'entities' -d 'Entities in their JSON form.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" s schema' -s 's' -l 'schema' -d 'Schema; lets data leave out type escapes and declares actions.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" schema-format' -l 'schema-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" ids' -l 'ids' -d 'Name policies by `position` (policy0, policy1 …) or by `annotation` (@id).' -rfka 'position annotation'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" request-json' -l 'request-json' -d 'A request: {"principal", "action", "resource", "context"}.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" l principal' -s 'l' -l 'principal' -d 'The principal, as source text.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" a action' -s 'a' -l 'action' -d 'The action, as source text.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" r resource' -s 'r' -l 'resource' -d 'The resource, as source text.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" c context' -s 'c' -l 'context' -d 'A file with the context.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" requests' -l 'requests' -d 'A file with one request per line; `-` for standard input.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" request-validation' -l 'request-validation' -d 'Whether a request that the schema does not allow is refused: true for a single request and false for --requests unless said.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" format' -l 'format' -d 'json, or text for a single request.' -rfka 'json text'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" v verbose' -l 'verbose' -s 'v' -d 'With --format text: the deciding policies and all errors.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" t timing' -l 'timing' -s 't' -d 'Say on standard error how long the decision took.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc authorize" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" request-json' -l 'request-json' -d 'A request: {"principal", "action", "resource", "context"}.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" l principal' -s 'l' -l 'principal' -d 'The principal, as source text.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" a action' -s 'a' -l 'action' -d 'The action, as source text.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" r resource' -s 'r' -l 'resource' -d 'The resource, as source text.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" c context' -s 'c' -l 'context' -d 'A file with the context.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" s schema' -s 's' -l 'schema' -d 'Schema; lets data leave out type escapes and declares actions.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" schema-format' -l 'schema-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" entities' -l 'entities' -d 'Entities in their JSON form.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc evaluate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate"' -s 'p' -l 'policies' -d 'Policy files, folders or an image (.cedarc); may be given several times. Standard input unless given.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" policy-format' -l 'policy-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" k template-linked' -s 'k' -l 'template-linked' -d 'Template links in JSON.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" s schema' -l 'schema' -s 's' -d 'The schema.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" schema-format' -l 'schema-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" deny-warnings' -l 'deny-warnings' -d 'Warnings make policies invalid.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" validation-mode' -l 'validation-mode' -d 'strict or permissive.' -rfka 'strict permissive'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" level' -l 'level' -d 'Most entities that a condition may look up one behind the other (RFC 76).' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" error-format f' -s 'f' -l 'error-format' -d 'human, plain or json; CEDAR_ERROR_FORMAT unless given.' -rfka 'human plain json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc validate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse"' -s 'p' -l 'policies' -d 'Policy files, folders or an image (.cedarc); may be given several times. Standard input unless given.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse" policy-format' -l 'policy-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse" k template-linked' -s 'k' -l 'template-linked' -d 'Template links in JSON.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse" expression' -l 'expression' -d 'An expression.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse" s schema' -s 's' -l 'schema' -d 'Schema; lets data leave out type escapes and declares actions.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse" schema-format' -l 'schema-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse" entities' -l 'entities' -d 'Entities in their JSON form.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse" error-format f' -s 'f' -l 'error-format' -d 'human, plain or json; CEDAR_ERROR_FORMAT unless given.' -rfka 'human plain json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc check-parse" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc format" p policies' -l 'policies' -s 'p' -d 'The policy file; standard input unless given.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc format" l line-width' -s 'l' -l 'line-width' -d 'Columns a line may have.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc format" i indent-width' -s 'i' -l 'indent-width' -d 'Columns of one level of indentation.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc format" w write' -l 'write' -s 'w' -d 'Write the file itself.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc format" c check' -l 'check' -s 'c' -d 'Exit code 1 when the layout would change.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc format" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc format" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc link"' -l 'policies' -s 'p' -d 'Policy files or folders; may be given several times.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc link" policy-format' -l 'policy-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc link" k template-linked' -s 'k' -l 'template-linked' -d 'The file of links that the new one is added to.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc link" template-id' -l 'template-id' -d 'The template: its `@id`, or `policyN` by position.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc link" n new-id' -s 'n' -l 'new-id' -d 'The id of the linked policy.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc link" a arguments' -l 'arguments' -s 'a' -d 'The slots in JSON, such as {"?principal": "User::\\"alice\\""}.' -rfka ''
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc link" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc link" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate-policy" direction' -l 'direction' -d 'cedar-to-json or json-to-cedar.' -rfka 'cedar-to-json json-to-cedar'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate-policy" p policies' -l 'policies' -s 'p' -d 'The policy file; standard input unless given.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate-policy" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate-policy" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate-schema" direction' -l 'direction' -d 'json-to-cedar, cedar-to-json or cedar-to-json-with-resolved-types.' -rfka 'json-to-cedar cedar-to-json cedar-to-json-with-resolved-types'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate-schema" s schema' -l 'schema' -s 's' -d 'The schema file; standard input unless given.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate-schema" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc translate-schema" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc run-tests"' -s 'p' -l 'policies' -d 'Policy files, folders or an image (.cedarc); may be given several times. Standard input unless given.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc run-tests" policy-format' -l 'policy-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc run-tests" k template-linked' -s 'k' -l 'template-linked' -d 'Template links in JSON.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc run-tests" s schema' -s 's' -l 'schema' -d 'Schema; lets data leave out type escapes and declares actions.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc run-tests" schema-format' -l 'schema-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc run-tests" tests' -l 'tests' -d 'The file of tests.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc run-tests" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc run-tests" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc visualize" entities' -l 'entities' -d 'Entities in their JSON form.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc visualize" s schema' -s 's' -l 'schema' -d 'Schema; lets data leave out type escapes and declares actions.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc visualize" schema-format' -l 'schema-format' -d 'cedar or json; goes by the name of the file unless given.' -rfka 'cedar json'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc visualize" format' -l 'format' -d 'dot or svg.' -rfka 'dot svg'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc visualize" o output' -l 'output' -s 'o' -d 'The file to write, in place of standard output.' -rF
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc visualize" version' -l 'version' -d 'Show the version.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc visualize" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'policyc' -n '__policyc_should_offer_completions_for_flags_or_options "policyc help" version' -l 'version' -d 'Show the version.'
