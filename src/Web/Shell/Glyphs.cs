namespace Throughline.Web.Shell;

/// <summary>The product's icons: one path each, 16 by 16, drawn with a line of 1.5.</summary>
public static class Glyphs
{
    public const string Plus = "M8 3v10M3 8h10";
    public const string Search = "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3 3";
    public const string Up = "M8 13V3M4 7l4-4 4 4";
    public const string Down = "M8 3v10M4 9l4 4 4-4";
    public const string Clip = "M13 7.5l-5.2 5.2a3 3 0 0 1-4.3-4.3L9 2.9a2 2 0 0 1 2.9 2.9L6.5 11.2a1 1 0 0 1-1.5-1.4L10 5";
    public const string File = "M4 1.8h5l3.2 3.2v9.2H4zM9 1.8V5h3.2";
    public const string Check = "M3.5 8.5l3 3 6-7";
    public const string Cross = "M4.5 4.5l7 7M11.5 4.5l-7 7";
    public const string ChevronDown = "M4 6l4 4 4-4";
    public const string Right = "M3 8h10M9 4l4 4-4 4";
    public const string Menu = "M2.5 4.5h11M2.5 8h11M2.5 11.5h11";
    public const string Laptop = "M3.5 3.5h9V10h-9zM1.5 12.5h13";
    public const string Phone = "M5 1.8h6v12.4H5zM7.3 12h1.4";
    public const string Terminal = "M2 3h12v10H2zM4.5 6l2 2-2 2M8 10h3";
    public const string Download = "M8 2.5v7M5 7l3 3 3-3M3 13h10";
    public const string Again = "M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3";
    public const string Copy = "M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3";
    public const string Clock = "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.2l2 1.3";
    public const string Sliders = "M2 5h6.5M12.5 5H14M2 11h1.5M7.5 11H14M10.5 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5.5 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4z";
    public const string Dots = "M3.5 8h.1M8 8h.1M12.5 8h.1";
    public const string Table = "M2.5 3h11v10h-11zM2.5 6.5h11M7 6.5V13";
    public const string Chart = "M2.5 13.5h11M4.5 11V7.5M8 11V3.5M11.5 11V5.5";
    public const string Upload = "M8 11V3M5 6l3-3 3 3M2.5 11v2.5h11V11";
    public const string Warning = "M8 2.2l6.2 11.3H1.8zM8 6.5v3.2M8 11.6v.1";
    public const string Eye = "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z";
    public const string EyeOff = "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM2.5 13.5l11-11";
    public const string Sun = "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9";
    public const string Moon = "M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z";
    public const string Circle = "M8 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z";
    public const string Key = "M5.2 13a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM7.2 8.3L13 2.5M10.8 4.8l1.7 1.7";
    public const string Shield = "M8 1.8l5 1.8v4c0 3.2-2 5.4-5 6.6-3-1.2-5-3.4-5-6.6v-4z";
    public const string Person = "M8 7.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM3 13.6c.4-2.6 2.3-4 5-4s4.6 1.4 5 4";
    public const string People = "M6 7.6a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8zM1.6 13.2c.3-2.3 2-3.6 4.4-3.6s4.1 1.3 4.4 3.6M10.8 3.1a2.3 2.3 0 0 1 0 4.2M12.3 10c1.3.5 2 1.6 2.2 3.2";
    public const string Mail = "M2 3.5h12v9H2zM2.3 4l5.7 4.6L13.7 4";
    public const string Bar = "M4 8h8";
    public const string Question = "M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12.2v.1";
    public const string Path = "M1.5 8h4M10.5 8h4M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z";
    public const string Out = "M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6";

    /// <summary>The same path as MudBlazor takes it: in a box of 24.</summary>
    public static string ForMud(string path) => $"<g transform=\"scale(1.5)\" stroke-width=\"1.5\"><path d=\"{path}\"/></g>";
}
