#!/bin/bash

__policyc_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__policyc_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__policyc_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__policyc_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_policyc() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __policyc_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    check|fmt|compile|dump|route|test|translate|diff|bench|lsp|authorize|evaluate|validate|check-parse|format|link|translate-policy|translate-schema|run-tests|visualize|help)
        # Offer subcommand argument completions
        "_policyc_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'check fmt compile dump route test translate diff bench lsp authorize evaluate validate check-parse format link translate-policy translate-schema run-tests visualize help' -- "${cur}"))
        ;;
    esac
}

_policyc_check() {
    repeating_flags=()
    non_repeating_flags=(--no-schema --permissive --deny-warnings --allow-warnings --notes --version -h --help)
    repeating_options=()
    non_repeating_options=(-s --schema --level --format)
    __policyc_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '-s'|'--schema')
        __policyc_add_completions -f
        return
        ;;
    '--level')
        return
        ;;
    '--format')
        __policyc_add_completions -W 'text'$'\n''json'$'\n''sarif'$'\n''github'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_fmt() {
    repeating_flags=()
    non_repeating_flags=(-c --check --version -h --help)
    repeating_options=()
    non_repeating_options=(-l --line-width -i --indent-width)
    __policyc_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '-l'|'--line-width')
        return
        ;;
    '-i'|'--indent-width')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_compile() {
    repeating_flags=()
    non_repeating_flags=(--explain --version -h --help)
    repeating_options=()
    non_repeating_options=(-o --output --ids)
    __policyc_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '-o'|'--output')
        __policyc_add_completions -f
        return
        ;;
    '--ids')
        __policyc_add_completions -W 'position'$'\n''annotation'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_dump() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __policyc_offer_flags_options -1
}

_policyc_route() {
    repeating_flags=()
    non_repeating_flags=(--stream --tools --images --json --version -h --help)
    repeating_options=(-p --policies)
    non_repeating_options=(--config --user --team --budget --budget-used --latency --input-tokens --output-tokens --use-case)
    __policyc_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--config')
        return
        ;;
    '-p'|'--policies')
        return
        ;;
    '--user')
        return
        ;;
    '--team')
        return
        ;;
    '--budget')
        return
        ;;
    '--budget-used')
        return
        ;;
    '--latency')
        return
        ;;
    '--input-tokens')
        return
        ;;
    '--output-tokens')
        return
        ;;
    '--use-case')
        return
        ;;
    esac
}

_policyc_test() {
    repeating_flags=()
    non_repeating_flags=(--coverage --version -h --help)
    repeating_options=()
    non_repeating_options=(--config --format --lcov --minimum-coverage)
    __policyc_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--config')
        __policyc_add_completions -f
        return
        ;;
    '--format')
        __policyc_add_completions -W 'text'$'\n''json'$'\n''junit'$'\n''lcov'
        return
        ;;
    '--lcov')
        __policyc_add_completions -f
        return
        ;;
    '--minimum-coverage')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_translate() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--to --policy-format -s --schema -o --output)
    __policyc_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--to')
        __policyc_add_completions -W 'cedar'$'\n''json'$'\n''dialect'
        return
        ;;
    '--policy-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '-s'|'--schema')
        __policyc_add_completions -f
        return
        ;;
    '-o'|'--output')
        __policyc_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_diff() {
    repeating_flags=()
    non_repeating_flags=(--reasons --version -h --help)
    repeating_options=()
    non_repeating_options=(--requests --entities --generate --seed -s --schema --schema-format --limit --format)
    __policyc_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--requests')
        __policyc_add_completions -f
        return
        ;;
    '--entities')
        __policyc_add_completions -f
        return
        ;;
    '--generate')
        return
        ;;
    '--seed')
        return
        ;;
    '-s'|'--schema')
        __policyc_add_completions -f
        return
        ;;
    '--schema-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '--limit')
        return
        ;;
    '--format')
        __policyc_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __policyc_add_completions -f
        return
        ;;
    2)
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_bench() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(-p --policies)
    non_repeating_options=(--policy-format -k --template-linked --entities -s --schema --schema-format --ids --requests --rounds --format)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-p'|'--policies')
        __policyc_add_completions -f
        return
        ;;
    '--policy-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '-k'|'--template-linked')
        __policyc_add_completions -f
        return
        ;;
    '--entities')
        __policyc_add_completions -f
        return
        ;;
    '-s'|'--schema')
        __policyc_add_completions -f
        return
        ;;
    '--schema-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '--ids')
        __policyc_add_completions -W 'position'$'\n''annotation'
        return
        ;;
    '--requests')
        return
        ;;
    '--rounds')
        return
        ;;
    '--format')
        __policyc_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac
}

_policyc_lsp() {
    repeating_flags=()
    non_repeating_flags=(--stdio --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __policyc_offer_flags_options 0
}

_policyc_authorize() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --timing -t --version -h --help)
    repeating_options=(-p --policies)
    non_repeating_options=(--policy-format -k --template-linked --entities -s --schema --schema-format --ids --request-json -l --principal -a --action -r --resource -c --context --requests --request-validation --format)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-p'|'--policies')
        __policyc_add_completions -f
        return
        ;;
    '--policy-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '-k'|'--template-linked')
        __policyc_add_completions -f
        return
        ;;
    '--entities')
        __policyc_add_completions -f
        return
        ;;
    '-s'|'--schema')
        __policyc_add_completions -f
        return
        ;;
    '--schema-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '--ids')
        __policyc_add_completions -W 'position'$'\n''annotation'
        return
        ;;
    '--request-json')
        __policyc_add_completions -f
        return
        ;;
    '-l'|'--principal')
        return
        ;;
    '-a'|'--action')
        return
        ;;
    '-r'|'--resource')
        return
        ;;
    '-c'|'--context')
        __policyc_add_completions -f
        return
        ;;
    '--requests')
        __policyc_add_completions -f
        return
        ;;
    '--request-validation')
        return
        ;;
    '--format')
        __policyc_add_completions -W 'json'$'\n''text'
        return
        ;;
    esac
}

_policyc_evaluate() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--request-json -l --principal -a --action -r --resource -c --context -s --schema --schema-format --entities)
    __policyc_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--request-json')
        __policyc_add_completions -f
        return
        ;;
    '-l'|'--principal')
        return
        ;;
    '-a'|'--action')
        return
        ;;
    '-r'|'--resource')
        return
        ;;
    '-c'|'--context')
        __policyc_add_completions -f
        return
        ;;
    '-s'|'--schema')
        __policyc_add_completions -f
        return
        ;;
    '--schema-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '--entities')
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_validate() {
    repeating_flags=()
    non_repeating_flags=(--deny-warnings --version -h --help)
    repeating_options=(-p --policies)
    non_repeating_options=(--policy-format -k --template-linked --schema -s --schema-format --validation-mode --level -f --error-format)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-p'|'--policies')
        __policyc_add_completions -f
        return
        ;;
    '--policy-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '-k'|'--template-linked')
        __policyc_add_completions -f
        return
        ;;
    '--schema'|'-s')
        __policyc_add_completions -f
        return
        ;;
    '--schema-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '--validation-mode')
        __policyc_add_completions -W 'strict'$'\n''permissive'
        return
        ;;
    '--level')
        return
        ;;
    '-f'|'--error-format')
        __policyc_add_completions -W 'human'$'\n''plain'$'\n''json'
        return
        ;;
    esac
}

_policyc_check-parse() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(-p --policies)
    non_repeating_options=(--policy-format -k --template-linked --expression -s --schema --schema-format --entities -f --error-format)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-p'|'--policies')
        __policyc_add_completions -f
        return
        ;;
    '--policy-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '-k'|'--template-linked')
        __policyc_add_completions -f
        return
        ;;
    '--expression')
        return
        ;;
    '-s'|'--schema')
        __policyc_add_completions -f
        return
        ;;
    '--schema-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '--entities')
        __policyc_add_completions -f
        return
        ;;
    '-f'|'--error-format')
        __policyc_add_completions -W 'human'$'\n''plain'$'\n''json'
        return
        ;;
    esac
}

_policyc_format() {
    repeating_flags=()
    non_repeating_flags=(--write -w --check -c --version -h --help)
    repeating_options=()
    non_repeating_options=(--policies -p -l --line-width -i --indent-width)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--policies'|'-p')
        __policyc_add_completions -f
        return
        ;;
    '-l'|'--line-width')
        return
        ;;
    '-i'|'--indent-width')
        return
        ;;
    esac
}

_policyc_link() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--policies -p)
    non_repeating_options=(--policy-format -k --template-linked --template-id -n --new-id --arguments -a)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--policies'|'-p')
        __policyc_add_completions -f
        return
        ;;
    '--policy-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '-k'|'--template-linked')
        __policyc_add_completions -f
        return
        ;;
    '--template-id')
        return
        ;;
    '-n'|'--new-id')
        return
        ;;
    '--arguments'|'-a')
        return
        ;;
    esac
}

_policyc_translate-policy() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--direction --policies -p)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--direction')
        __policyc_add_completions -W 'cedar-to-json'$'\n''json-to-cedar'
        return
        ;;
    '--policies'|'-p')
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_translate-schema() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--direction --schema -s)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--direction')
        __policyc_add_completions -W 'json-to-cedar'$'\n''cedar-to-json'$'\n''cedar-to-json-with-resolved-types'
        return
        ;;
    '--schema'|'-s')
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_run-tests() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(-p --policies)
    non_repeating_options=(--policy-format -k --template-linked -s --schema --schema-format --tests)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '-p'|'--policies')
        __policyc_add_completions -f
        return
        ;;
    '--policy-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '-k'|'--template-linked')
        __policyc_add_completions -f
        return
        ;;
    '-s'|'--schema')
        __policyc_add_completions -f
        return
        ;;
    '--schema-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '--tests')
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_visualize() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--entities -s --schema --schema-format --format --output -o)
    __policyc_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--entities')
        __policyc_add_completions -f
        return
        ;;
    '-s'|'--schema')
        __policyc_add_completions -f
        return
        ;;
    '--schema-format')
        __policyc_add_completions -W 'cedar'$'\n''json'
        return
        ;;
    '--format')
        __policyc_add_completions -W 'dot'$'\n''svg'
        return
        ;;
    '--output'|'-o')
        __policyc_add_completions -f
        return
        ;;
    esac
}

_policyc_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __policyc_offer_flags_options -1
}

complete -o filenames -F _policyc policyc
