using MudBlazor;

namespace Throughline.Web.Shell;

/// <summary>The tokens of <c>css/tokens.css</c>, as MudBlazor takes them.</summary>
internal static class Look
{
    private static readonly string[] Fonts = ["Geist", "Segoe UI", "system-ui", "Arial", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#2a49d6",
            PrimaryContrastText = "#fff",
            Secondary = "#454d5b",
            Info = "#2a49d6",
            Success = "#0b7247",
            Warning = "#835100",
            Error = "#bb2430",
            Dark = "#14181f",
            TextPrimary = "#14181f",
            TextSecondary = "#626b7a",
            TextDisabled = "#838c9b",
            ActionDefault = "#454d5b",
            ActionDisabled = "#838c9b",
            ActionDisabledBackground = "#f0f2f5",
            Background = "#fff",
            BackgroundGray = "#f7f8fa",
            Surface = "#fff",
            DrawerBackground = "#f7f8fa",
            DrawerText = "#454d5b",
            DrawerIcon = "#626b7a",
            AppbarBackground = "#fff",
            AppbarText = "#14181f",
            LinesDefault = "#e5e8ed",
            LinesInputs = "#868e9c",
            TableLines = "#e5e8ed",
            TableHover = "#f7f8fa",
            Divider = "#e5e8ed",
            DividerLight = "#f0f2f5",
            Skeleton = "#f0f2f5",
            HoverOpacity = .05,
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#93a5ff",
            PrimaryContrastText = "#0c1230",
            Secondary = "#b4bbc8",
            Info = "#93a5ff",
            Success = "#57c793",
            Warning = "#efb450",
            Error = "#ff8085",
            Dark = "#eceef2",
            TextPrimary = "#eceef2",
            TextSecondary = "#8f98a7",
            TextDisabled = "#737d8c",
            ActionDefault = "#b4bbc8",
            ActionDisabled = "#737d8c",
            ActionDisabledBackground = "#1a1e25",
            Background = "#0f1115",
            BackgroundGray = "#0b0c10",
            Surface = "#161a20",
            DrawerBackground = "#0b0c10",
            DrawerText = "#b4bbc8",
            DrawerIcon = "#8f98a7",
            AppbarBackground = "#0f1115",
            AppbarText = "#eceef2",
            LinesDefault = "#242932",
            LinesInputs = "#6d7787",
            TableLines = "#242932",
            TableHover = "#1a1e25",
            Divider = "#242932",
            DividerLight = "#1a1e25",
            Skeleton = "#1a1e25",
            HoverOpacity = .08,
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "7px", DrawerWidthLeft = "260px", AppbarHeight = "54px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Fonts, FontSize = ".875rem", LineHeight = "1.43", LetterSpacing = "0" },
            Button = new ButtonTypography { FontSize = ".8125rem", FontWeight = "500", LetterSpacing = "0", TextTransform = "none" },
        },
    };
}
