<?php
// What people and plugins put into a site. Every place where a URL may hide that WordPress itself shows or depends on.

/** A class that no other environment has: WordPress must carry its values as they are. */
final class Acme_Form {
    public $action;
    protected $notify;
    private $fields;
    public function __construct(string $url) {
        $this->action = $url . '/submit';
        $this->notify = ['url' => $url . '/notify?to=' . rawurlencode($url)];
        $this->fields = ['Straße' => $url . '/größe', 'plain' => true];
    }
}

function fill_site(array $site, string $networkDomain, array $userIds): array {
    $home = untrailingslashit(get_option('home'));
    $authors = array_values(array_map('intval', get_users(['fields' => 'ID', 'orderby' => 'ID'])));
    $imageId = add_image($home, $site['title']);
    $posts = [];
    for ($i = 1; $i <= 4; $i++) {
        $posts[] = add_post("Report $i of {$site['title']}", $authors[$i % count($authors)], write_blocks($home, $networkDomain, $imageId));
        set_post_thumbnail($posts[$i - 1], $imageId);
    }
    $page = add_post('About us', $authors[0], write_blocks($home, $networkDomain, $imageId), 'page');
    must(wp_insert_comment([
        'comment_post_ID' => $posts[0], 'comment_content' => "See <a href=\"$home/about-us/\">$home/about-us/</a>",
        'user_id' => $authors[0], 'comment_author' => 'Ann', 'comment_author_url' => "$home/ann", 'comment_approved' => 1,
        'comment_author_email' => 'ann@mail.example.net',
    ]) ?: new WP_Error('comment', 'It was not inserted.'));
    add_menu($home, $networkDomain, $page);
    add_widgets($home, $networkDomain);
    add_options($home, $networkDomain);
    add_designs($home, $networkDomain, $page);
    update_site_meta($site['id'], 'plain_owner', ['page' => "$home/owner", 'networks' => ["https://$networkDomain/"]]);
    return ['home' => "$home/", 'post' => get_permalink($posts[0]), 'title' => get_the_title($posts[0]), 'authors' => $authors];
}

function add_post(string $title, int $author, string $content, string $type = 'post'): int {
    return must(wp_insert_post(wp_slash([
        'post_title' => $title, 'post_content' => $content, 'post_author' => $author, 'post_type' => $type,
        'post_status' => 'publish',
    ]), true));
}

function add_image(string $home, string $title): int {
    $file = '2026/11/campus.jpg';
    $id = must(wp_insert_attachment(wp_slash([
        'post_title' => "Campus of $title", 'post_mime_type' => 'image/jpeg', 'post_status' => 'inherit',
        'guid' => wp_get_upload_dir()['baseurl'] . "/$file", 'post_content' => "Taken from $home",
    ]), $file, 0, true));
    $sizes = [];
    foreach (['thumbnail' => 150, 'medium' => 300, 'large' => 1024] as $name => $width) {
        $sizes[$name] = ['file' => "campus-$width.jpg", 'width' => $width, 'height' => $width, 'mime-type' => 'image/jpeg'];
    }
    wp_update_attachment_metadata($id, [
        'width' => 2048, 'height' => 2048, 'file' => $file, 'sizes' => $sizes,
        'image_meta' => ['credit' => "© Jürgen, $home/jürgen", 'caption' => '', 'keywords' => []],
    ]);
    update_post_meta($id, 'plain_cdn', ['url' => wp_get_attachment_url($id), 'copies' => [wp_get_attachment_url($id)]]);
    return $id;
}

/** As the block editor stores them: attributes are JSON in which `--`, `<`, `>`, `&` and `"` are \u escapes. */
function write_blocks(string $home, string $networkDomain, int $imageId): string {
    $image = wp_get_attachment_url($imageId);
    $link = "<a href=\"$home/spring/?a=1&b=2\">" . parse_url($home, PHP_URL_HOST) . '</a>';
    $blocks = [
        ['core/paragraph', [], "<p>Read $link or //" . parse_url($home, PHP_URL_HOST) . "/plain.</p>"],
        ['core/image', ['id' => $imageId, 'sizeSlug' => 'large', 'href' => "$home/?x=1&y=--z"],
            "<figure class=\"wp-block-image size-large\"><img src=\"$image\" class=\"wp-image-$imageId\" alt=\"\"/></figure>"],
        ['core/media-text', ['mediaId' => $imageId, 'mediaLink' => "$home/?attachment_id=$imageId", 'mediaType' => 'image', 'caption' => "--$link--"],
            "<div class=\"wp-block-media-text\"><figure><img src=\"$image\" alt=\"\"/></figure><div><p>$link</p></div></div>"],
        ['acme/form', ['config' => json_encode(['action' => "$home/form", 'html' => $link]), 'share' => rawurlencode("https://$networkDomain/share")],
            '<form action="https://share.example.net/?u=' . rawurlencode("$home/share") . '"></form>'],
        ['core/html', [], "<script>var plain = {\"ajax\":" . json_encode("$home/wp-admin/admin-ajax.php") . "};</script>"],
        ['core/paragraph', [], '<p>HTTPS://' . strtoupper(parse_url($home, PHP_URL_HOST)) . '/SHOUTED</p>'],
        ['core/paragraph', [], '<p>Mail: <a href="mailto:office@' . $networkDomain . '">office</a></p>'],
    ];
    return implode("\n\n", array_map(
        fn($block) => get_comment_delimited_block_content($block[0], $block[1], "\n{$block[2]}\n"), $blocks));
}

function add_menu(string $home, string $networkDomain, int $page): void {
    $menu = must(wp_create_nav_menu('Main'));
    $items = [
        ['menu-item-type' => 'post_type', 'menu-item-object' => 'page', 'menu-item-object-id' => $page, 'menu-item-title' => 'About'],
        ['menu-item-type' => 'custom', 'menu-item-url' => "$home/contact/?via=menu", 'menu-item-title' => 'Contact by menu'],
        ['menu-item-type' => 'custom', 'menu-item-url' => "https://$networkDomain/", 'menu-item-title' => 'University'],
    ];
    foreach ($items as $item) must(wp_update_nav_menu_item($menu, 0, $item + ['menu-item-status' => 'publish']));
    set_theme_mod('nav_menu_locations', ['primary' => $menu]);
    set_theme_mod('header_image', "$home/wp-content/uploads/header.jpg");
}

function add_widgets(string $home, string $networkDomain): void {
    $text = "<a href=\"$home/from-widget\">größer at " . parse_url($home, PHP_URL_HOST) . '</a>';
    update_option('widget_text', [2 => ['title' => 'Text widget', 'text' => $text, 'filter' => true], '_multiwidget' => 1]);
    update_option('widget_block', [3 => ['content' => "<!-- wp:html -->\n<p>Block widget: $text</p>\n<!-- /wp:html -->"], '_multiwidget' => 1]);
    update_option('widget_rss', [2 => ['title' => '', 'url' => "https://$networkDomain/feed/", 'items' => 3], '_multiwidget' => 1]);
    update_option('sidebars_widgets', ['side' => ['text-2', 'block-3'], 'wp_inactive_widgets' => ['rss-2'], 'array_version' => 3]);
}

function add_options(string $home, string $networkDomain): void {
    $spring = (object) ['link' => "$home/campaigns/spring/", 'hosts' => [parse_url($home, PHP_URL_HOST) => true]];
    update_option('plain_settings', ['campaigns' => ['spring' => $spring], 'again' => [$spring, &$spring], 'quote' => "„{$home}“"]);
    update_option('acme_form', new Acme_Form($home));
    update_option('acme_json', json_encode(['url' => $home, 'list' => ["https://$networkDomain/größe"]]));
    update_option('acme_nested', ['inner' => serialize(['url' => $home, 'deeper' => serialize(["//$networkDomain/ö"])])]);
    update_option('acme_urlencoded', 'https://share.example.net/?u=' . rawurlencode("$home/x") . '&v=' . rawurlencode(rawurlencode($home)));
}

/** What the site editor, the customizer, page builders and the old link manager leave. */
function add_designs(string $home, string $networkDomain, int $page): void {
    $item = get_comment_delimited_block_content('core/navigation-link', ['label' => 'More--', 'url' => "$home/more/?a=1&b=2", 'kind' => 'custom'], '');
    add_post('Navigation', 1, $item, 'wp_navigation');
    add_post('Styles', 1, json_encode(['styles' => ['css' => "body{background:url($home/paper.png)}"], 'version' => 2]), 'wp_global_styles');
    add_post('Draft of the customizer', 1, json_encode(['plain::header_image' => ['value' => "$home/header.jpg", 'type' => 'theme_mod']]), 'customize_changeset');
    $elements = [['id' => 'a1', 'settings' => ['image' => ['url' => "$home/wp-content/b.jpg"], 'editor' => "<a href=\"//$networkDomain/\">größer</a>"]]];
    update_post_meta($page, '_elementor_data', wp_slash(json_encode($elements)));
    must(wp_insert_term('News', 'category', ['description' => "<a href=\"$home/news/\">All news</a>"]));
    must(wp_insert_link(['link_url' => "$home/partner/", 'link_name' => 'Partner', 'link_image' => "$home/partner.png", 'link_rss' => "https://$networkDomain/feed/"], true));
    wp_update_post(['ID' => $page, 'post_excerpt' => "More at $home/about-us/"]);
}
