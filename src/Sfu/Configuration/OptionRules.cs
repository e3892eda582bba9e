using System.Globalization;
using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>The sentences of the options' validators: what is set, and what may be.</summary>
internal static class OptionRules
{
    /// <summary>Adds a sentence when the number is outside of its range, bounds included.</summary>
    public static void Range(List<string> problems, string option, long value, long least, long most)
    {
        if (value < least || value > most) problems.Add(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; use {least} to {most}."));
    }

    /// <summary>Adds a sentence when the number is outside of its range, bounds included, or is none.</summary>
    public static void Range(List<string> problems, string option, double value, double least, double most)
    {
        if (!(value >= least && value <= most)) problems.Add(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; use {least} to {most}."));
    }

    /// <summary>Adds a sentence when the time is outside of its range, bounds included.</summary>
    public static void Range(List<string> problems, string option, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most) problems.Add($"{option} is {value:c}; use {least:c} to {most:c} (d.hh:mm:ss).");
    }

    /// <summary>Success, or all sentences.</summary>
    public static ValidateOptionsResult Result(List<string> problems) =>
        problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
}
