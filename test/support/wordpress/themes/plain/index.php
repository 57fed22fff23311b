<!doctype html>
<html <?php language_attributes(); ?>>
<head><meta charset="utf-8"><?php wp_head(); ?></head>
<body <?php body_class(); ?>>
<header><?php wp_nav_menu(['theme_location' => 'primary', 'container' => 'nav', 'fallback_cb' => false]); ?></header>
<main>
<?php while (have_posts()): the_post(); ?>
  <article id="post-<?php the_ID(); ?>">
    <h2><a href="<?php the_permalink(); ?>"><?php the_title(); ?></a></h2>
    <p>by <?php the_author(); ?></p>
    <?php the_post_thumbnail('medium'); ?>
    <?php the_content(); ?>
    <?php if (is_singular()) comments_template(); ?>
  </article>
<?php endwhile; ?>
</main>
<aside><?php dynamic_sidebar('side'); ?></aside>
<footer>
  <?php $settings = get_option('plain_settings'); ?>
  <a id="campaign" href="<?php echo esc_url($settings['campaigns']['spring']->link ?? ''); ?>">campaign</a>
  <a id="imprint" href="<?php echo esc_url(get_site_option('plain_imprint')['url'] ?? ''); ?>">imprint</a>
</footer>
<?php wp_footer(); ?>
</body>
</html>
